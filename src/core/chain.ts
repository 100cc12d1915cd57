/** A block by number and hash (0x and 64 hex characters). */
export interface BlockRef {
  number: number;
  hash: string;
}

/** A commitment as it stood at the end of its block. */
export interface ChainCommit {
  netuid: number;
  /** SS58 address. */
  hotkey: string;
  /** Block in which the hotkey was registered on the subnet. */
  registered: number;
  uid: number;
  block: number;
  blockHash: string;
  /** Index of the `Commitment` event among the block's events. */
  event: number;
  /** The bytes of its `Raw` fields, joined. */
  data: string;
}

/** Signs for one address; the only way that keys leave a wallet. Signatures are sr25519, 64 bytes; a signer elsewhere takes its time. */
export interface Signer {
  /** SS58 address, prefix 42. */
  readonly address: string;
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
