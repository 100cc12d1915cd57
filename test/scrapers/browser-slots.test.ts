import { describe, expect, it } from 'vitest';
import { createSlots } from '../../src/scrapers/browser/slots.ts';

describe('slots', () => {
  it('are given first come, first served, and not to who has given up', async () => {
    const slots = createSlots(1);
    const order: string[] = [];
    const release = await slots.take();
    const stop = new AbortController();
    const gone = slots.take(stop.signal);
    const next = slots.take().then((giveBack) => {
      order.push('next');
      giveBack();
    });
    const last = slots.take().then(() => order.push('last'));
    stop.abort(new Error('stopped'));
    await expect(gone).rejects.toThrow('stopped');
    expect(order).toEqual([]);
    release();
    await Promise.all([next, last]);
    expect(order).toEqual(['next', 'last']);
    await expect(slots.take(stop.signal)).rejects.toThrow('stopped');
  });
});
