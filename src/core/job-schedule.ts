/** When a job runs by itself. Neither an interval nor a cron line: only when it is triggered. */
export interface JobSchedule {
  /** Seconds between two runs; null where a cron line says when. */
  every_seconds: number | null;
  /** Five fields: minute, hour, day of the month, month, day of the week. Null where an interval says when. */
  cron: string | null;
  /** IANA name of the time zone that the cron line is read in. */
  timezone: string;
  /** Each run starts up to so much later, at random, so that schedules of one hour don't all start at once. */
  jitter_seconds: number;
  /** ISO 8601 in UTC, a date or a time, as in a wanted job; null: at once, and for ever. */
  from: string | null;
  until: string | null;
  /** How often it runs at all; null: no end. */
  runs: number | null;
}
