/** What a prompt is for. */
export type PromptForm = 'text' | 'image';

/** What a prompt model is asked, so that it says a composed prompt the way a person would. */
export function rewriteInstruction(composed: string, form: PromptForm): string {
  const what =
    form === 'image'
      ? 'one prompt for an image generator, at most 60 words, that describes the same picture'
      : 'one message to an assistant, at most 80 words, that asks for the same thing';
  return `Write ${what} in the words of somebody who types it quickly. Answer with nothing but the ${form === 'image' ? 'prompt' : 'message'}.\n\n${composed}`;
}

/** A prompt model's answer without what such models put around it: fences, quotation marks, "Here is the prompt:" and the like. One line. */
export function cleanRewrite(answer: string): string {
  const text = answer
    .replace(/```[a-z]*\n?/g, '')
    .trim()
    .replace(/^(?:sure|certainly|of course|okay)\b[^\n]{0,80}?[!,:.]\s*/i, '')
    .replace(/^(?:here(?:'s| is)[^\n:]{0,60}|(?:rewritten |image )?(?:prompt|message)):\s*/i, '')
    .replace(/\s+/g, ' ')
    .trim();
  const quoted = /^["“](?<inner>.*)["”]$/.exec(text)?.groups?.['inner'];
  return quoted !== undefined && !/["“”]/.test(quoted) ? quoted.trim() : text;
}
