import type { Blockchain } from '@acala-network/chopsticks-core';

type TransactionValidityError = Awaited<ReturnType<Blockchain['validateExtrinsic']>>['asErr'];

/** Why the pool refuses a transaction: code, message and data as a Substrate node's `author_*` methods give them. */
export interface TransactionRefusal {
  code: number;
  message: string;
  data: string;
}

/** Substrate's words for the reasons that have no value of their own. */
const REASONS: Record<string, string> = {
  Call: 'Transaction call is not expected',
  Payment: 'Inability to pay some fees (e.g. account balance too low)',
  Future: 'Transaction will be valid in the future',
  Stale: 'Transaction is outdated',
  BadProof: 'Transaction has a bad signature',
  AncientBirthBlock: 'Transaction has an ancient birth block',
  ExhaustsResources: 'Transaction would exhaust the block limits',
  BadMandatory: 'A call was labelled as mandatory, but resulted in an Error.',
  MandatoryValidation: 'Transaction dispatch is mandatory; transactions must not be validated.',
  BadSigner: 'Invalid signing address',
};

export function describeInvalidity(error: TransactionValidityError): TransactionRefusal {
  if (error.isUnknown) {
    return { code: 1011, message: 'Unknown Transaction Validity', data: error.asUnknown.type };
  }
  const invalid = error.asInvalid;
  const data = invalid.isCustom
    ? `Custom error: ${invalid.asCustom.toNumber()}`
    : (REASONS[invalid.type] ?? invalid.type);
  return { code: 1010, message: 'Invalid Transaction', data };
}

/** Why a transaction is refused that the runtime does not even look at: bytes that are no call of its. */
export function describeTrap(error: unknown): TransactionRefusal {
  return { code: 1002, message: 'Verification Error: Runtime error: Execution failed', data: String(error) };
}

export const ALREADY_IMPORTED: TransactionRefusal = {
  code: 1013,
  message: 'Transaction Already Imported',
  data: 'The same transaction waits in the pool already.',
};
