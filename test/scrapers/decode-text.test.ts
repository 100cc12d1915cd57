import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/scrapers/web/decode-text.ts';

// "Привет, мир", "こんにちは", "你好，世界", "Łódź" as their charsets write them.
const WINDOWS_1251 = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x2c, 0x20, 0xec, 0xe8, 0xf0];
const SHIFT_JIS = [0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd];
const GB18030 = [0xc4, 0xe3, 0xba, 0xc3, 0xa3, 0xac, 0xca, 0xc0, 0xbd, 0xe7];
const ISO_8859_2 = [0xa3, 0xf3, 0x64, 0xbc];
const ISO_2022_JP = [0x1b, 0x24, 0x42, 0x24, 0x33, 0x24, 0x73, 0x1b, 0x28, 0x42];

const bytes = (head: string, body: readonly number[] = []): Uint8Array =>
  Uint8Array.from([...Buffer.from(head, 'utf8'), ...body]);

describe('decodeText', () => {
  it.each([
    ['windows-1251', WINDOWS_1251, 'Привет, мир'],
    ['Shift_JIS', SHIFT_JIS, 'こんにちは'],
    ['gb2312', GB18030, '你好，世界'],
    ['iso-8859-2', ISO_8859_2, 'Łódź'],
    ['latin1', [0x63, 0x61, 0x66, 0xe9, 0x80], 'café€'],
    ['iso-2022-jp', ISO_2022_JP, 'こん'],
  ])('reads %s by header, meta and XML declaration', (charset, body, text) => {
    expect(decodeText(bytes('', body), `text/html; charset="${charset}"`)).toBe(text);
    for (const head of [
      `<meta charset=${charset}>`,
      `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">`,
      `<?xml version="1.0" encoding='${charset}'?>`,
    ]) {
      expect(decodeText(bytes(head, body), 'text/html')).toBe(head + text);
    }
  });

  it('takes the byte order mark before all else', () => {
    const marked = Uint8Array.from([0xff, 0xfe, ...Buffer.from('Привет', 'utf16le')]);
    expect(decodeText(marked, 'text/html; charset=windows-1251')).toBe('Привет');
    expect(decodeText(Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]), 'text/html; charset=utf-16')).toBe('a');
  });

  it('reads UTF-16 that a header declares', () => {
    expect(decodeText(Buffer.from('plain', 'utf16le'), 'text/html; charset=utf-16')).toBe('plain');
  });

  it('passes over a declaration that the bytes belie', () => {
    expect(decodeText(bytes('Привет'), 'text/html; charset=iso-8859-1')).toBe('Привет');
    const head = '<meta charset="windows-1251">';
    expect(decodeText(bytes(head, WINDOWS_1251), 'text/html; charset=utf-8')).toBe(`${head}Привет, мир`);
    expect(decodeText(bytes('<meta charset=utf-16>Привет'), 'text/html')).toBe('<meta charset=utf-16>Привет');
    const html = '<html lang="ru">';
    expect(decodeText(bytes(html, WINDOWS_1251), 'text/html; charset=utf-8')).toBe(`${html}Привет, мир`);
  });

  it('passes over what is no declaration', () => {
    const head = '<!-- <meta charset=koi8-r> --><form accept-charset="koi8-r"><p>charset=koi8-r';
    expect(decodeText(bytes(head, [0xe9]), 'text/html; charset=no-such')).toBe(`${head}é`);
  });

  it.each([
    ['', [0x93, 0x61, 0x94], '“a”'],
    ['<html lang="ru-RU">', WINDOWS_1251, 'Привет, мир'],
    ['<html class=x lang=ja>', SHIFT_JIS, 'こんにちは'],
    ['<html lang="zh-CN">', GB18030, '你好，世界'],
  ])('without a declaration takes what %j is usually written in', (head, body, text) => {
    expect(decodeText(bytes(head, body), 'text/html')).toBe(head + text);
  });

  it('keeps UTF-8 that is damaged or cut', () => {
    const text = 'Добрый день. '.repeat(20);
    const cut = Buffer.from(`${text}я`).subarray(0, -1);
    expect(decodeText(cut, 'text/html')).toBe(`${text}\ufffd`);
  });
});
