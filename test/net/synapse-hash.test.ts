import { describe, expect, it } from 'vitest';
import { pythonStr } from '../../src/net/python-str.ts';
import { parsePython, pythonJson } from '../../src/net/python-value.ts';
import { synapseBodyHash } from '../../src/net/synapse-hash.ts';

const hashOf = (json: string, fields: string[]) => synapseBodyHash(parsePython(json) as never, fields);

describe('body hash', () => {
  it('is the SDK’s of no field and of three', () => {
    expect(hashOf('{"a":1}', [])).toBe('a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a');
    expect(hashOf('{"d":["foobar"],"c":9,"b":2,"a":1}', ['a', 'b', 'd'])).toBe(
      'ae06397d08f30f75c91395c59f05c62ac3b62b88250eb78b109213258e6ced0c',
    );
  });

  it('tells 1 from 1.0, and refuses a field that is not there or is half a character', () => {
    expect(hashOf('{"a":1}', ['a'])).not.toBe(hashOf('{"a":1.0}', ['a']));
    expect(() => hashOf('{"a":1}', ['b'])).toThrow('has no b');
    expect(() => hashOf('{"a":"\\ud800"}', ['a'])).toThrow('half a character');
  });
});

describe('Python text of JSON', () => {
  // Each pair was written by CPython 3.11: json.loads on the left, str on the right.
  it.each([
    ['null', 'None'],
    ['[true,false,null]', '[True, False, None]'],
    ['"it\'s"', "it's"],
    ['["it\'s"]', '["it\'s"]'],
    ['["\\"it\'s\\""]', "['\"it\\'s\"']"],
    ['["a\\\\", "\\\\\\"", 7]', "['a\\\\', '\\\\\"', 7]"],
    [
      '["\\n\\t\\u0000\\u007f\\u00a0\\u2028\\ud83d\\ude00\\u00e9\\ud800"]',
      "['\\n\\t\\x00\\x7f\\xa0\\u2028😀é\\ud800']",
    ],
    ['{"b":1,"2":{"1":[]},"__proto__":{}}', "{'b': 1, '2': {'1': []}, '__proto__': {}}"],
    ['{"a":1,"b":2,"a":3}', "{'a': 3, 'b': 2}"],
    ['9007199254740993', '9007199254740993'],
    ['[-0,-0.0,0.0,1.0,1.5e3,1E2]', '[0, -0.0, 0.0, 1.0, 1500.0, 100.0]'],
    [
      '[0.0001,0.00001,1e15,1e16,123456789012345680.0]',
      '[0.0001, 1e-05, 1000000000000000.0, 1e+16, 1.2345678901234568e+17]',
    ],
    ['[0.1,2.5e-7,5e-324,1e22,-1e400,123.456]', '[0.1, 2.5e-07, 5e-324, 1e+22, -inf, 123.456]'],
  ])('%s', (json, text) => {
    expect(pythonStr(parsePython(json))).toBe(text);
  });

  it('writes what it read, with floats and long integers as they were', () => {
    const json = '{"a":[1,1.0,9007199254740993,"\\"\\\\"],"2":null,"1":true}';
    expect(pythonJson(parsePython(json))).toBe(json);
    expect(() => pythonJson(NaN)).toThrow('no JSON');
  });

  it('reads a long text without a deep stack, and bounds depth and digits', () => {
    const long = 'ab"\\'.repeat(1_000_000);
    expect(parsePython(JSON.stringify([long]))).toEqual([long]);
    expect(() => parsePython('['.repeat(200) + ']'.repeat(200))).toThrow('deeper than 100');
    expect(() => parsePython('9'.repeat(4301))).toThrow('over 4300');
    expect(() => parsePython('{"a":NaN}')).toThrow('not JSON');
  });
});
