import { parseInstant } from '../web/page-facts.ts';

/**
 * Microseconds of a time as feeds write it: RFC 3339 and ISO 8601 with a zone, or RFC 822 with the years, zones and names of RFC 2822 and
 * what is common besides (`UTC`, `Z`, `CEST`, `GMT+2`, full names of months, no seconds). A date alone is its midnight in UTC. Null for anything
 * else, for a time whose zone is missing or unknown, and for days that are not in the calendar.
 */
export function parseFeedTime(text: string | undefined): number | null {
  const value = (text ?? '').slice(0, MAX_LENGTH).trim();
  return isoTime(value) ?? rfc822Time(value);
}

function isoTime(value: string): number | null {
  const parts = ISO.exec(value);
  if (parts === null) return null;
  const [, date = '', time, zone] = parts;
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  if (!isDay(year, month, day)) return null;
  return parseInstant(time === undefined ? date : `${date}T${time}${(zone ?? '').toUpperCase()}`);
}

function rfc822Time(value: string): number | null {
  const parts = RFC_822.exec(value);
  if (parts === null) return null;
  const [, day, monthName = '', years = '', hour, minute, second = '0', zone = ''] = parts;
  const month = MONTHS.indexOf(monthName.slice(0, 3).toLowerCase()) + 1;
  const offset = offsetMinutes(zone.trim());
  const year = fullYear(years);
  if (month === 0 || offset === null || !isDay(year, month, Number(day))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const ms = Date.UTC(year, month - 1, Number(day), Number(hour), Number(minute) - offset, Number(second));
  return ms * 1000;
}

/** RFC 2822, 4.3: two digits up to 49 are of this century, and three are years since 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  return digits.length === 4 ? year : digits.length === 2 && year < 50 ? year + 2000 : year + 1900;
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Minutes east of UTC. */
function offsetMinutes(zone: string): number | null {
  const named = ZONES[zone.toUpperCase()];
  if (named !== undefined) return named * 60;
  const [, sign, hours = '', minutes = '0'] = OFFSET.exec(zone) ?? [];
  if (sign === undefined || Number(hours) > 14 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

const MAX_LENGTH = 64;
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?([Zz]|[+-]\d{2}:?\d{2}))?$/;
const RFC_822 =
  /^(?:[a-z]{3,9}(?:,| ) {0,3})?(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{2,4}) {1,3}(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)? {0,3}([a-z]{1,4}|(?:gmt|utc)?[+-]\d{1,2}:?(?:\d{2})?)(?: \([^()]{0,20}\))?$/i;
const OFFSET = /^(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?$/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Hours east of UTC. Single letters but Z are left out: RFC 822 had their signs wrong, so nobody can tell what is meant. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ Z: 0, UT: 0, UTC: 0, GMT: 0, WET: 0, BST: 1, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9 },
  ...{ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
};
