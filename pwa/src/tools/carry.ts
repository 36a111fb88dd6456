/** Exchanges by file: their screen, what writes requests down, and what takes replies in. */

export { takeReplies } from '../core/exchange/carried.ts';
export { writeRequestFile } from '../core/exchange/filing.ts';
export { ByFile as Screen } from '../screens/by_file.tsx';
