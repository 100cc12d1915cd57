import { Lexer, parseDocument, Parser } from 'yaml';
import { messageOf } from '../../core/errors.ts';
import type { JobProblem } from './errors.ts';

/** What YAML 1.2 text holds, or what is wrong with it. That version knows no dates, and `no` is a word in it. */
export function readYaml(text: string): { value: unknown } | { problems: JobProblem[] } {
  // Before the tree is built, which is done by recursion: text that exhausts the stack there ends the whole process.
  const deepLine = lineTooDeep(text);
  if (deepLine !== null) {
    return { problems: [{ place: `line ${deepLine}`, why: `nested more than ${MAX_DEPTH} deep` }] };
  }
  try {
    const document = parseDocument(text, { version: '1.2', schema: 'core' });
    const problems = document.errors.map(({ linePos, message }) => ({
      place: linePos === undefined ? 'file' : `line ${linePos[0].line}, column ${linePos[0].col}`,
      why: message.split(/ at line |\n/)[0] ?? 'not YAML',
    }));
    return problems.length > 0 ? { problems } : { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    return { problems: [{ place: 'file', why: `can't be read: ${messageOf(error)}` }] };
  }
}

/** The first line where something is nested too deeply. */
function lineTooDeep(text: string): number | null {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return text.slice(0, parser.offset).split('\n').length;
  }
  return null;
}

/** A job file needs 4. */
const MAX_DEPTH = 16;
/** Enough for a person's anchors, too few for aliases of aliases that grow without end. */
const MAX_ALIASES = 20;
