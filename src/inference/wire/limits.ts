/*
 * What any request or answer may hold at most, whatever its task: a bound on memory before anything is known of the sender. A task's own limits
 * (src/inference/tasks) are narrower.
 */

/** UTF-8 bytes of one text: 128 KB is a context of about 32,000 tokens. */
export const MAX_TEXT_BYTES = 128 * 1024;

/** Characters of an image in base64, about 15 MB of image: an upscaled 4096 x 4096 PNG. */
export const MAX_IMAGE_BASE64_BYTES = 20 * 1024 * 1024;

/** Tokens that one answer may have. */
export const MAX_TOKENS = 32_768;

/** Most alternatives of a position; what OpenAI's API allows. */
export const MAX_TOP_LOGPROBS = 20;

export const MAX_MESSAGES = 256;
export const MAX_STEPS = 200;
export const MAX_IMAGES = 4;
export const MAX_SIDE_PIXELS = 4096;

/** Texts of one request for embeddings, and numbers of one vector. */
export const MAX_EMBEDDING_INPUTS = 256;
export const MAX_DIMENSIONS = 8192;

/** Characters of one event of a stream: a chunk of a few tokens, each with its alternatives. */
export const MAX_EVENT_CHARACTERS = 256 * 1024;
