/** How a crawler names itself: with a URL or mail address where a person can be found, as sites expect of guests. */
export function userAgentOf(name: string, contact: string | null): string {
  return contact === null ? name : `${name} (+${contact})`;
}
