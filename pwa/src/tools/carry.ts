/** Exchanges by file: their screen, what writes requests down, and what takes replies in. */

export { takeReplies, writeRequestFile } from '../core/exchange/carried.ts';
export { ByFile as Screen } from '../screens/by_file.tsx';
