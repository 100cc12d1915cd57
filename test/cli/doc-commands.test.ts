import { describe, expect, it } from 'vitest';
import { commandBlocks, tomlBlocks } from '../support/doc-commands.ts';

const PAGE = `# Page

Text.

\`\`\`sh
# a remark
one --flag \\
  more
two
\`\`\`

<!-- not run: needs root -->

\`\`\`sh
three
\`\`\`

<!-- not run: forgotten by text in between -->

Text.

\`\`\`sh
four
\`\`\`

<!-- runs until stopped: serving on -->

\`\`\`sh
five
\`\`\`

\`\`\`toml
a = 1
\`\`\`
`;

describe('commands of a page', () => {
  it('are all found, with what is said of them', () => {
    expect(commandBlocks(PAGE)).toEqual([
      { line: 5, commands: ['one --flag more', 'two'], notRun: null, untilText: null },
      { line: 14, commands: ['three'], notRun: 'needs root', untilText: null },
      { line: 22, commands: ['four'], notRun: null, untilText: null },
      { line: 28, commands: ['five'], notRun: null, untilText: 'serving on' },
    ]);
    expect(tomlBlocks(PAGE)).toEqual(['a = 1\n']);
  });
});
