/** What may be wrong with a change; the same kinds as the classes of `sync/codec/errors.py`. */

export type Fault =
  | 'Truncated' // the bytes end too early
  | 'Malformed' // the bytes are not the canonical form of any change
  | 'OutsideModel' // a change that Automerge knows and Tiffin does not take
  | 'OverLimit'; // more of something than a phone can honestly need

/** A change that is not taken. */
export class CodecError extends Error {
  constructor(readonly fault: Fault, detail: string) {
    super(`${fault}: ${detail}`);
  }
}

/** A change whose dependencies this replica does not hold; `hashes` names them. */
export class MissingDependencies extends Error {
  constructor(readonly hashes: readonly string[]) {
    super(`${hashes.length} changes that this one builds on are not here`);
  }
}
