import { InvalidInputError } from '../../core/errors.ts';
import { MAX_EVENT_CHARACTERS } from './limits.ts';

/** One event of a stream, as the standard on server-sent events dispatches it. */
export interface SseEvent {
  /** `message` where the stream names none. */
  event: string;
  /** Lines of data, joined by newlines. */
  data: string;
}

/** Reads a stream of events piece by piece, wherever its pieces are cut. */
export interface SseParser {
  /** The events that a piece completes. Throws InvalidInputError where one grows beyond the bound. */
  push: (bytes: Uint8Array) => SseEvent[];
}

/**
 * A parser of `text/event-stream` (WHATWG HTML, 9.2.6): lines end with CR, LF or CRLF, a mark of byte order at the start is dropped, comments and unknown
 * fields are passed over, and an event that no empty line ended is never dispatched.
 * @param maxCharacters of one event, its unfinished line included
 */
export function createSseParser(maxCharacters = MAX_EVENT_CHARACTERS): SseParser {
  const decoder = new TextDecoder();
  let line = '';
  let data: string[] = [];
  let event = '';
  let size = 0;
  let endedWithCr = false;

  const endLine = (): SseEvent[] => {
    const ended = line;
    line = '';
    if (ended !== '') {
      const { field, value } = fieldOf(ended);
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      return [];
    }
    const events = data.length === 0 ? [] : [{ event: event === '' ? 'message' : event, data: data.join('\n') }];
    [data, event, size] = [[], '', 0];
    return events;
  };

  const grow = (piece: string): void => {
    size += piece.length;
    if (size > maxCharacters) {
      throw new InvalidInputError(`an event of the stream is longer than ${maxCharacters} characters`, {
        maxCharacters,
      });
    }
    line += piece;
  };

  const push = (bytes: Uint8Array): SseEvent[] => {
    const decoded = decoder.decode(bytes, { stream: true });
    if (decoded === '') return [];
    // The LF of a CRLF that was cut between two pieces ends no second line.
    const text = endedWithCr && decoded.startsWith('\n') ? decoded.slice(1) : decoded;
    endedWithCr = decoded.endsWith('\r');
    const lines = text.split(/\r\n|\r|\n/);
    return lines.flatMap((piece, index) => {
      grow(piece);
      return index < lines.length - 1 ? endLine() : [];
    });
  };
  return { push };
}

function fieldOf(line: string): { field: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { field: line, value: '' };
  const value = line.slice(colon + 1);
  return { field: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value };
}

/** An event as a server writes it; `data` holds no CR. */
export function sseText(data: string): string {
  return `${data
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;
}
