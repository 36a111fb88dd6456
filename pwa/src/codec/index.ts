/** The change codec: Automerge's binary change format, restricted to flat keys at the root. */

export { byOpId, changeHash, decode, DELETED, encode, type Change, type Op, type OpId } from './change.ts';
export { Document, type Survivor } from './document.ts';
export { CodecError, MissingDependencies } from './errors.ts';
export { fromHex, join, Reader, sized, toHex, uleb, type Bytes } from './leb.ts';
export { text, utf8, type Scalar } from './scalars.ts';
