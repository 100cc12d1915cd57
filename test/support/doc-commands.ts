/** A block of shell commands in a Markdown page, and what the comment before it says of running it. */
export interface CommandBlock {
  /** Line of the block's fence, from 1. */
  line: number;
  commands: string[];
  /** Why it can't be run here; null: it is run. */
  notRun: string | null;
  /** A command that goes on until it is stopped: the text that shows that it works. */
  untilText: string | null;
}

/** The ```sh blocks of a page. A comment `<!-- not run: reason -->` or `<!-- runs until stopped: text -->` is for the block after it. */
export function commandBlocks(markdown: string): CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let notRun: string | null = null;
  let untilText: string | null = null;
  let open: CommandBlock | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open !== null) {
      if (line.startsWith('```')) open = null;
      else addLine(open.commands, line);
      continue;
    }
    if (line.trim() === '') continue;
    const comment = /^<!-- (not run|runs until stopped): (.+) -->$/.exec(line);
    if (comment?.[1] === 'not run') notRun = comment[2] ?? null;
    else if (comment !== null) untilText = comment[2] ?? null;
    else {
      if (line === '```sh') {
        open = { line: index + 1, commands: [], notRun, untilText };
        blocks.push(open);
      }
      notRun = null;
      untilText = null;
    }
  }
  return blocks;
}

/** The settings of ```toml blocks. */
export function tomlBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```toml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
}

function addLine(commands: string[], line: string): void {
  const last = commands.at(-1);
  if (last?.endsWith('\\') === true) commands[commands.length - 1] = `${last.slice(0, -1)}${line.trim()}`;
  else if (line.trim() !== '' && !line.trim().startsWith('#')) commands.push(line.trim());
}
