import { describe, expect, it } from 'vitest';
import { isValidAt, jobOf, momentUs, payingJob } from '../../src/core/wanted.ts';
import type { WantedJob, WantedList } from '../../src/core/wanted.ts';

const job = (id: string, more: Partial<WantedJob> = {}): WantedJob => ({
  ...{ id, source: 'web', seeds: [], hosts: ['docs.example'], allow_private: [], max_pages: 1, pool: 'data' },
  weight_ppm: 1_000_000,
  ...more,
});
const list = (...jobs: WantedJob[]): WantedList => ({ version: 1, jobs });
const row = { source: 'web', url: 'https://docs.example/a' };
const july = Date.UTC(2026, 6, 1) * 1000;

describe('isValidAt', () => {
  it('takes the first moment in and the last out, in UTC and in microseconds', () => {
    const dates = { from: '2026-07-01', until: '2026-07-02T12:00:00Z' };
    const noon = july + 36 * 3_600_000_000;
    expect([july - 1, july, noon - 1, noon].map((at) => isValidAt(dates, at))).toEqual([false, true, true, false]);
    expect(momentUs('2026-07-01')).toBe(july);
  });

  it('is always without dates, and open where only one is given', () => {
    expect(isValidAt({}, 0)).toBe(true);
    expect(isValidAt({ from: '2026-07-01' }, july * 2)).toBe(true);
    expect(isValidAt({ until: '2026-07-01' }, 0)).toBe(true);
  });
});

describe('payingJob', () => {
  it('says whether nobody wants a row or its job was not valid when it was committed', () => {
    const wanted = list(job('docs', { until: '2026-07-01' }));
    expect(payingJob(wanted, row, july - 1)).toEqual({ job: wanted.jobs[0] });
    expect(payingJob(wanted, row, july)).toEqual({ job: null, reason: 'job_not_valid_then' });
    for (const other of [
      { ...row, url: 'https://other.example/a' },
      { ...row, url: 'no url' },
      { ...row, source: 'x' },
    ]) {
      expect(payingJob(wanted, other, july - 1)).toEqual({ job: null, reason: 'not_wanted' });
    }
  });

  it('takes the job of the moment where several name the host', () => {
    const wanted = list(job('spring', { until: '2026-07-01' }), job('summer', { from: '2026-07-01' }));
    expect(payingJob(wanted, row, july).job?.id).toBe('summer');
    expect(payingJob(wanted, row, july - 1).job?.id).toBe('spring');
    expect(jobOf(wanted, row)?.id).toBe('spring');
  });
});
