import type { TextRequest } from '../../checks/prefill.ts';
import { BackendUnsupported } from '../errors.ts';
import type { LlamaModel, TokenId } from './llama.ts';

/** The part of @huggingface/jinja that is used: the language in which models say how a chat is written. */
export interface JinjaPackage {
  Template: new (text: string) => { render: (values: Readonly<Record<string, unknown>>) => string };
}

/** For models that bring no template of their own. */
const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}assistant:";

/**
 * The tokens that a request's answer follows. Throws BackendUnsupported for images and for a chat that the model's template refuses.
 * @param name of the backend, for errors
 */
export function createPrompts(
  name: string,
  model: LlamaModel,
  { Template }: JinjaPackage,
): (request: TextRequest) => TokenId[] {
  const { tokens } = model;
  const own = model.fileInfo.metadata.tokenizer?.chat_template;
  const template = new Template(typeof own === 'string' ? own : PLAIN_TEMPLATE);

  function textOf(request: TextRequest): string {
    if (request.api === 'completion') return request.body.prompt;
    const messages = request.body.messages.map(({ role, content }) => {
      if (typeof content === 'string') return { role, content };
      const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      if (texts.length < content.length) throw new BackendUnsupported(name, 'it sees no images');
      return { role, content: texts.join('\n') };
    });
    const values = {
      messages,
      add_generation_prompt: true,
      bos_token: tokens.bosString ?? '',
      eos_token: tokens.eosString ?? '',
    };
    try {
      return template.render(values);
    } catch (error) {
      throw new BackendUnsupported(name, `the model's chat template refuses it: ${String(error).slice(0, 200)}`);
    }
  }

  return (request) => {
    // Only a template writes special tokens; a prompt of plain text that spells one is text.
    const ids = model.tokenize(textOf(request), request.api === 'chat');
    const isBegun = tokens.bos === null || ids[0] === tokens.bos;
    if (!isBegun && tokens.bos !== null && tokens.shouldPrependBosToken) ids.unshift(tokens.bos);
    const first = tokens.bos ?? tokens.eos;
    if (ids.length === 0 && first !== null) ids.push(first);
    if (ids.length === 0) throw new BackendUnsupported(name, 'the prompt is empty');
    return ids;
  };
}
