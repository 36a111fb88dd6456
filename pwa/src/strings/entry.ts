/** A message: one text with `{names}` in it, or one text for each plural form that the number `n` may take. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
export type Entry = string | Forms;
