import { describe, expect, it } from 'vitest';
import { createEndpoints } from '../../../src/commit/subtensor/endpoints.ts';

const LIST = ['ws://a', 'ws://b', 'ws://c'];

describe('createEndpoints', () => {
  it('goes round, and says when all have failed since the last success', () => {
    const endpoints = createEndpoints(LIST);
    expect(endpoints.current()).toBe(0);
    expect(endpoints.advance('refused').wholeRoundFailed).toBe(false);
    expect(endpoints.current()).toBe(1);
    expect(endpoints.advance(new Error('lost\nrequest')).wholeRoundFailed).toBe(false);
    expect(endpoints.advance({ message: 'socket' }).wholeRoundFailed).toBe(true);
    expect(endpoints.current()).toBe(0);
    expect(endpoints.troubles()).toEqual([
      { endpoint: 'ws://a', trouble: 'refused' },
      { endpoint: 'ws://b', trouble: 'lost' },
      { endpoint: 'ws://c', trouble: 'socket' },
    ]);
    endpoints.succeeded();
    expect(endpoints.advance('again').wholeRoundFailed).toBe(false);
  });

  it('never comes back to one that was refused', () => {
    const endpoints = createEndpoints(LIST);
    const foreign = new Error('another chain');
    endpoints.refuse(foreign);
    expect(endpoints.current()).toBe(1);
    endpoints.advance('x');
    expect(endpoints.advance('x').wholeRoundFailed).toBe(true);
    expect(endpoints.current()).toBe(1);
    expect(endpoints.exhausted()).toBeNull();
    endpoints.refuse(new Error('b'));
    endpoints.refuse(new Error('c'));
    expect(endpoints.exhausted()?.message).toBe('c');
    expect(endpoints.troubles()[0]).toEqual({ endpoint: 'ws://a', trouble: 'another chain' });
  });

  it('keeps to a single one', () => {
    const endpoints = createEndpoints(['ws://a']);
    expect(endpoints.advance('x').wholeRoundFailed).toBe(true);
    expect(endpoints.current()).toBe(0);
  });
});
