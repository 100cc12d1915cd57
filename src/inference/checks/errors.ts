import { SeineError } from '../../core/errors.ts';

/** Bytes that are no image, or one beyond the limits: the fault of whoever made them. */
export class NotAnImage extends SeineError {
  constructor(why: string, cause?: unknown) {
    super('NotAnImage', `the bytes are no image that is read: ${why}`, { details: { why }, cause });
  }
}
