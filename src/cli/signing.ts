import type { Chain, Plan, PlannedCall } from '../commit/chain-port.ts';
import { SeineError } from '../core/errors.ts';
import { aboutMinutes, blockMs } from './block-time.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';
import { formatTao } from './tao.ts';
import { UsageError } from './usage-error.ts';

/** Options of every command that signs. */
export interface SigningOptions {
  dryRun?: boolean;
  /** For calls that cost: nobody is asked. */
  yes?: boolean;
}

/** The chain would refuse the call now. */
class CallRefused extends SeineError {
  constructor(plan: Plan, why: string) {
    const waits = plan.obstacles.every(({ passesAtBlock }) => passesAtBlock !== null);
    super('CallRefused', `${plan.call} would be refused: ${why}`, {
      details: { call: plan.call, obstacles: plan.obstacles },
      remedy: waits ? 'retry' : 'never',
    });
  }
}

export interface Signing<T> {
  call: PlannedCall;
  options: SigningOptions;
  /** What it costs beside the fee, for the question; without it nobody is asked. */
  price?: string;
  send: () => Promise<T>;
  /** What a person and a program see once it is final. */
  done: (result: T) => { line: string; json: Record<string, unknown> };
}

/**
 * Shows what a call would do, and does it unless this is a dry run: plan, obstacles, confirmation, then the call itself, which returns once it is
 * final. Gives the exit code.
 */
export async function sign<T>(session: Session, chain: Chain, signing: Signing<T>): Promise<number> {
  const { out } = session;
  const { options } = signing;
  const plan = await chain.plan(signing.call);
  const reasons = await reasonsOf(chain, plan);
  if (options.dryRun === true) {
    showPlan(session, plan, reasons);
    out.line('Nothing was signed.', 'quiet');
    out.json({ ...planJson(plan), sent: false });
    return plan.obstacles.length === 0 ? EXIT.ok : EXIT.failure;
  }
  if (plan.done) {
    out.line('The chain holds that already: nothing was sent.');
    out.json({ ...planJson(plan), sent: false });
    return EXIT.ok;
  }
  if (plan.obstacles.length > 0) throw new CallRefused(plan, reasons.join('; '));
  if (signing.price !== undefined) await confirm(session, plan, signing.price, options);
  out.progress({ step: `sending ${plan.call} and waiting until it is final` });
  const { line, json } = signing.done(await signing.send());
  out.line(line, 'good');
  out.json({ ...planJson(plan), sent: true, ...json });
  return EXIT.ok;
}

async function reasonsOf(chain: Chain, plan: Plan): Promise<string[]> {
  if (plan.obstacles.length === 0) return [];
  const [eachMs, { number }] = await Promise.all([blockMs(chain), chain.head()]);
  return plan.obstacles.map(({ message, passesAtBlock }) =>
    passesAtBlock === null
      ? message
      : `${message} (passes at block ${passesAtBlock}, ${aboutMinutes(passesAtBlock - number, eachMs)})`,
  );
}

function showPlan({ out }: Session, plan: Plan, reasons: readonly string[]): void {
  out.table({ columns: ['would sign', plan.call], rows: planRows(plan) });
  if (plan.done) out.line('The chain holds that already: nothing would be sent.');
  else if (reasons.length === 0) out.line('It would pass now.', 'good');
  for (const reason of reasons) out.line(`Would be refused: ${reason}`, 'bad');
}

/** Arguments, signer and fee of a call as a person reads them. */
export function planRows(plan: Plan): string[][] {
  return [
    ...Object.entries(plan.args).map(([name, value]) => [`  ${name}`, argumentText(value)]),
    ['signed by', plan.signer],
    ['fee', `${formatTao(plan.feeRao)} TAO`],
  ];
}

async function confirm({ context, out }: Session, plan: Plan, price: string, { yes }: SigningOptions): Promise<void> {
  if (yes === true) return;
  out.line(`${plan.call}, signed by ${plan.signer}: ${price}, fee ${formatTao(plan.feeRao)} TAO.`);
  const answer = await context.terminal.ask('Go ahead? [y/N] ');
  if (answer === null) throw new UsageError(`${plan.call} costs ${price}: say --yes where nobody can be asked`);
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('not confirmed: nothing was sent');
}

/** A plan for programs. RAO are text: beyond 2^53 a JSON number would not hold them. */
export function planJson(plan: Plan): Record<string, unknown> {
  return {
    call: plan.call,
    args: JSON.parse(argumentText(plan.args)) as unknown,
    signer: plan.signer,
    fee_rao: plan.feeRao.toString(),
    obstacles: plan.obstacles,
    done: plan.done,
  };
}

function argumentText(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
