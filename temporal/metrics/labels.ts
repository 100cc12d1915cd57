/** Statuses that are worth telling apart; of the others only their hundred is shown, because servers may send any. */
const STATUSES = [400, 401, 403, 404, 405, 406, 408, 410, 429, 451, 500, 502, 503, 504];

/** A reason as a label, of which there are few: our own words, and statuses. */
export function reasonLabel(reason: string): string {
  const [, status] = /^status_(\d+)$/.exec(reason) ?? [];
  if (status !== undefined) {
    if (STATUSES.includes(Number(status))) return reason;
    return /^[1-5]\d\d$/.test(status) ? `status_${status.charAt(0)}xx` : 'status_other';
  }
  return /^[A-Za-z]\w{0,39}$/.test(reason) ? reason : 'other';
}

/** Gives names as they are until there are too many for one metric; those that come later are `other`. */
export function boundedLabels(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && known.size >= most) return 'other';
    known.add(name);
    return name;
  };
}
