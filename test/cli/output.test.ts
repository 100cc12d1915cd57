import { describe, expect, it } from 'vitest';
import { createHumanOutput, createJsonOutput } from '../../src/cli/output.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { tableLines } from '../../src/cli/table.ts';
import { textSink } from './run.ts';

const plain = createPaint(false);

describe('tables', () => {
  it('align columns by their widest cell, numbers to the right', () => {
    const table = {
      title: 'Sizes',
      columns: ['name', 'rows', 'note'],
      rows: [
        ['a', 1_234_567, 'many'],
        ['longer', 8, null],
      ],
    };
    expect(tableLines(table, plain)).toEqual([
      'Sizes', //
      'name         rows  note',
      'a       1,234,567  many',
      'longer          8',
    ]);
  });

  it('let nothing that came from outside speak to the terminal', () => {
    const lines = tableLines({ columns: ['why'], rows: [['\u001b[2Jgone\nnew line\u202e']] }, plain);
    expect(lines).toEqual(['why', '\ufffd[2Jgone new line\ufffd']);
  });

  it('keep their widths when painted', () => {
    const table = { columns: ['a', 'b'], rows: [[{ text: 'x', tone: 'good' as const }, 'y']] };
    const painted = tableLines(table, createPaint(true)).join('\n');
    expect(painted).toContain('\u001b[32mx\u001b[0m  y');
  });
});

describe('the human output', () => {
  function human(isTTY: boolean, env: Record<string, string> = {}) {
    const [stdout, stderr] = [textSink(isTTY), textSink(isTTY)];
    return { out: createHumanOutput({ stdout, stderr, env }), stdout, stderr };
  }

  it('paints on a terminal, unless NO_COLOR is set', () => {
    const escape = '\u001b[';
    const texts = [human(true), human(true, { NO_COLOR: '1' }), human(false)].map(({ out, stdout }) => {
      out.line('done', 'good');
      return stdout.text;
    });
    expect(texts.map((text) => text.includes(escape))).toEqual([true, false, false]);
  });

  it('rewrites one line of progress on a terminal, and clears it before other text', () => {
    const { out, stderr } = human(true);
    out.progress({ step: 'reading', done: 1, total: 2, unit: 'pages' });
    out.line('found');
    expect(stderr.text).toBe('\r\u001b[Kreading … 1 of 2 pages\r\u001b[K');
  });

  it('writes few whole lines of progress elsewhere', () => {
    const { out, stderr } = human(false);
    for (let done = 0; done <= 300; done++) out.progress({ step: 'reading', done, total: 300 });
    out.progress({ step: 'sealing' });
    out.progress({ step: 'sealing' });
    const lines = stderr.text.trimEnd().split('\n');
    expect(stderr.text).not.toContain('\r');
    expect(lines).toHaveLength(12);
    expect(lines.slice(-2)).toEqual(['reading … 300 of 300', 'sealing …']);
  });
});

describe('the JSON output', () => {
  it('leaves standard output to the result', () => {
    const [stdout, stderr] = [textSink(), textSink()];
    const out = createJsonOutput({ stdout, stderr, env: {} });
    out.line('a line');
    out.table({ columns: ['a'], rows: [['b']] });
    out.progress({ step: 'step' });
    out.json({ rows: 1 });
    expect(JSON.parse(stdout.text)).toEqual({ rows: 1 });
    expect(stderr.text).toBe('a line\na\nb\nstep …\n');
  });
});
