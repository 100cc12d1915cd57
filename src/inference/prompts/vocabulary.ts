/** Sentences with slots, and what may stand in them. */
export interface Vocabulary {
  /** Texts with `{slot}`; a slot that is named twice is drawn twice. */
  templates: readonly string[];
  slots: Readonly<Record<string, readonly string[]>>;
  /** Slots in which a word or phrase of the published datasets may stand as well. */
  seeded: readonly string[];
}

/** Entries of a slot, divided by semicolons. */
export function entries(text: string): string[] {
  return text
    .split(';')
    .map((entry) => entry.trim().replace(/\s+/g, ' '))
    .filter((entry) => entry !== '');
}

/** The slots of a template, in its order. */
export function slotsOf(template: string): string[] {
  return [...template.matchAll(/\{([a-z]+)\}/g)].map(([, slot]) => slot ?? '');
}

/** Different prompts that a vocabulary has without any dataset. */
export function combinations({ templates, slots }: Vocabulary): bigint {
  return templates.reduce(
    (sum, template) =>
      sum + slotsOf(template).reduce((product, slot) => product * BigInt(slots[slot]?.length ?? 0), 1n),
    0n,
  );
}
