/** What a value of parsed JSON may look like: small checks that are put together into the shape of a manifest.
 *
 * Bounds are generous for a real course and small for a phone's memory. */

export type Check = (value: unknown) => boolean;

const TEXT_CHARACTERS_MAX = 16_000; // the packer allows 8,000
const LIST_MAX = 5_000; // segments of ten seconds in four hours: 1,440
const COUNT_MAX = 2 ** 40; // bytes; the longest file a packer reads has 4 GB

export const text: Check = (value) => typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX;
export const digest: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
export const count: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= COUNT_MAX;
export const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

export const literal = (...values: readonly unknown[]): Check => (value) => values.includes(value);
export const maybe = (check: Check): Check => (value) => value === undefined || check(value);
export const either = (checks: readonly Check[]): Check => (value) => checks.some((check) => check(value));

export const list = (check: Check): Check => (value) =>
  Array.isArray(value) && value.length <= LIST_MAX && value.every((item) => check(item));

export const tuple = (...checks: readonly Check[]): Check => (value) =>
  Array.isArray(value) && value.length === checks.length && checks.every((check, at) => check(value[at]));

/** Any member names; all values alike. */
export const each = (check: Check): Check => (value) =>
  record(value) && list(check)(Object.values(value as object));

/** At least these members; a later version may have more. */
export const shape = (members: Readonly<Record<string, Check>>): Check => (value) =>
  record(value) && Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name]));
