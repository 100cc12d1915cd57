interface Field {
  name: string;
  min: number;
  max: number;
  words: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of the week', min: 0, max: 7, words: DAYS },
];

/** What is wrong with a cron line of five fields, as Temporal's schedules read one; null where nothing is. */
export function cronProblem(line: string): string | null {
  const parts = line.trim().split(/\s+/);
  if (parts.length !== FIELDS.length || line.trim() === '') {
    return `should have five fields (minute, hour, day, month, day of the week), such as "0 3 * * *"; it has ${line.trim() === '' ? 0 : parts.length}`;
  }
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? '';
    if (!part.split(',').every((item) => isItem(item, field))) {
      return `"${part.slice(0, 40)}" is no ${field.name}: write ${field.min} to ${field.max}, *, */5, ranges (1-5) or lists (1,15)`;
    }
  }
  return null;
}

/** A value, a range or everything, each with or without a step. */
function isItem(item: string, field: Field): boolean {
  const [, range = '', step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(item) ?? [];
  if (range === '' || (step !== undefined && Number(step) === 0)) return false;
  if (range === '*') return true;
  const ends = range.split('-').map((end) => valueOf(end, field));
  const [first, last = first] = ends;
  return ends.length <= 2 && first != null && last != null && first <= last;
}

function valueOf(text: string, { min, max, words }: Field): number | null {
  const word = words.indexOf(text.toLowerCase());
  if (word !== -1) return word + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : null;
}
