import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { GuardedClient, Resolve } from '../../src/net/guarded-fetch.ts';

/*
 * URLs that lead, or seem to lead, to what is not public. A server listens at the loopback addresses that most of them
 * stand for, and Node itself tells of every socket that is opened: none may be.
 */
let port = 0;
let requests = 0;
const opened: unknown[] = [];
const asked: string[] = [];
const clients: GuardedClient[] = [];
const server = createServer((_request, response) => {
  requests += 1;
  response.end('what nobody should read');
});
const onSocket = (message: unknown): void => {
  opened.push((message as { socket: Socket }).socket);
};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  unsubscribe('net.client.socket', onSocket);
  opened.length = 0;
  asked.length = 0;
  requests = 0;
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Names that lead somewhere bad; every other name leads to loopback, as that of a server one runs oneself may. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'metadata.test': ['169.254.169.254'],
  'half.test': ['93.184.216.34', '10.0.0.1'],
  'half6.test': ['93.184.216.34', 'fd00:ec2::254'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'teredo.test': ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  'zone.test': ['fe80::1%eth0'],
  'nonsense.test': ['127.1'],
};

const resolve: Resolve = (hostname) => {
  asked.push(hostname);
  const addresses = NAMES[hostname] ?? ['127.0.0.1'];
  return Promise.resolve(addresses.map((address) => ({ address, family: isIP(address.replace(/%.*/, '')) || 4 })));
};

async function outcome(url: string, allowPrivate: readonly string[] = []): Promise<string> {
  const fetch = createGuardedFetch({ allowPrivate, userAgent: 'test', resolve });
  clients.push(fetch);
  return await fetch(url.replaceAll('PORT', String(port))).then(
    ({ status }) => `status ${status}`,
    (error: Error) => error.name,
  );
}

const ADDRESS = 'AddressRefused';
const HOSTILE: [string, string, string][] = [
  ['loopback', 'http://127.0.0.1:PORT/', ADDRESS],
  ['the end of loopback', 'http://127.255.255.254:PORT/', ADDRESS],
  ['one decimal number', 'http://2130706433:PORT/', ADDRESS],
  ['one hexadecimal number', 'http://0x7f000001:PORT/', ADDRESS],
  ['one octal number', 'http://017700000001:PORT/', ADDRESS],
  ['octal parts', 'http://0177.0.0.01:PORT/', ADDRESS],
  ['hexadecimal parts', 'http://0x7f.0x0.0x0.0x1:PORT/', ADDRESS],
  ['mixed parts', 'http://0x7f.0.1:PORT/', ADDRESS],
  ['short', 'http://127.1:PORT/', ADDRESS],
  ['trailing dot', 'http://127.0.0.1.:PORT/', ADDRESS],
  ['full-width digits', 'http://１２７.０.０.１:PORT/', ADDRESS],
  ['digits in circles', 'http://①②⑦.⓪.⓪.①:PORT/', ADDRESS],
  ['ideographic dots', 'http://127。0。0。1:PORT/', ADDRESS],
  ['percent-encoded', 'http://%31%32%37%2e0.0.1:PORT/', ADDRESS],
  ['this host', 'http://0.0.0.0:PORT/', ADDRESS],
  ['this host, short', 'http://0:PORT/', ADDRESS],
  ['more than 32 bits', 'http://4294967297:PORT/', 'UrlNotHttp'],
  ['ten', 'http://10.0.0.1/', ADDRESS],
  ['172.16', 'http://172.31.255.255/', ADDRESS],
  ['192.168', 'http://192.168.1.1/', ADDRESS],
  ['link-local', 'http://169.254.1.1/', ADDRESS],
  ['CGNAT', 'http://100.64.0.1/', ADDRESS],
  ['broadcast', 'http://255.255.255.255/', ADDRESS],
  ['multicast', 'http://224.0.0.1/', ADDRESS],
  ['benchmarks', 'http://198.18.0.1/', ADDRESS],
  ['AWS, Azure, Google and Oracle', 'http://169.254.169.254/latest/meta-data/', ADDRESS],
  ['its decimal number', 'http://2852039166/', ADDRESS],
  ['AWS containers', 'http://169.254.170.2/', ADDRESS],
  ['Alibaba', 'http://100.100.100.200/', ADDRESS],
  ['Azure', 'http://168.63.129.16/', ADDRESS],
  ['Oracle', 'http://192.0.0.192/', ADDRESS],
  ['AWS by IPv6', 'http://[fd00:ec2::254]/', ADDRESS],
  ['AWS pods by IPv6', 'http://[fd00:ec2::23]/', ADDRESS],
  ['Google by IPv6', 'http://[fd20:ce::254]/', ADDRESS],
  ['loopback by IPv6', 'http://[::1]:PORT/', ADDRESS],
  ['all of its zeros', 'http://[0:0:0:0:0:0:0:1]:PORT/', ADDRESS],
  ['unspecified', 'http://[::]:PORT/', ADDRESS],
  ['mapped', 'http://[::ffff:127.0.0.1]:PORT/', ADDRESS],
  ['mapped, in hexadecimal', 'http://[::ffff:7f00:1]:PORT/', ADDRESS],
  ['compatible', 'http://[::127.0.0.1]:PORT/', ADDRESS],
  ['translated', 'http://[::ffff:0:127.0.0.1]:PORT/', ADDRESS],
  ['NAT64', 'http://[64:ff9b::127.0.0.1]:PORT/', ADDRESS],
  ["a network's own NAT64", 'http://[64:ff9b:1::a9fe:a9fe]/', ADDRESS],
  ['6to4', 'http://[2002:7f00:1::]:PORT/', ADDRESS],
  ['Teredo', 'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', ADDRESS],
  ['ISATAP', 'http://[2a00:1450::5efe:7f00:1]:PORT/', ADDRESS],
  ['unique local', 'http://[fd12:3456::1]/', ADDRESS],
  ['site-local', 'http://[fec0::1]/', ADDRESS],
  ['link-local by IPv6', 'http://[fe80::1]/', ADDRESS],
  ['zone id', 'http://[fe80::1%25eth0]/', 'UrlNotHttp'],
  ['localhost', 'http://localhost:PORT/', ADDRESS],
  ['LOCALHOST with a dot', 'http://LOCALHOST.:PORT/', ADDRESS],
  ['a name under localhost', 'http://a.localhost:PORT/', ADDRESS],
  ['a cloud’s own name', 'http://metadata.google.internal/computeMetadata/v1/', ADDRESS],
  ['a name on the local link', 'http://printer.local/', ADDRESS],
  ['user name that looks like a host', 'http://example.org@127.0.0.1:PORT/', ADDRESS],
  ['user name and password', 'http://example.org:80@127.0.0.1:PORT/', ADDRESS],
  ['backslash', 'http:\\\\127.0.0.1:PORT\\', ADDRESS],
  ['tabs and line ends', 'ht\ttp://127.0\n.0.1:PORT/', ADDRESS],
  ['a name for loopback', 'http://loop.test:PORT/', ADDRESS],
  ['a name for metadata', 'http://metadata.test/', ADDRESS],
  ['a name with one private address of two', 'http://half.test/', ADDRESS],
  ['a name with metadata beside a public address', 'https://half6.test/', ADDRESS],
  ['a name for a mapped address', 'http://mapped.test:PORT/', ADDRESS],
  ['a name for a Teredo address', 'http://teredo.test/', ADDRESS],
  ['a name for an address with a zone', 'http://zone.test/', ADDRESS],
  ['a name that resolves to no address', 'http://nonsense.test/', ADDRESS],
  ['SMTP', 'http://8.8.8.8:25/', 'PortRefused'],
  ['SSH by https', 'https://8.8.8.8:22/', 'PortRefused'],
  ['IRC', 'http://irc.test:6667/', 'PortRefused'],
  ['Redis', 'http://8.8.8.8:6379/', 'PortRefused'],
  ['port 0', 'http://8.8.8.8:0/', 'PortRefused'],
  ['file', 'file:///etc/passwd', 'UrlNotHttp'],
  ['ftp', 'ftp://8.8.8.8/', 'UrlNotHttp'],
  ['gopher', 'gopher://127.0.0.1:6379/_FLUSHALL', 'UrlNotHttp'],
  ['data', 'data:text/html,hello', 'UrlNotHttp'],
  ['javascript', 'javascript:alert(1)', 'UrlNotHttp'],
  ['web socket', 'ws://127.0.0.1:PORT/', 'UrlNotHttp'],
  ['a socket of Unix', 'http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'UrlNotHttp'],
];

describe('hostile addresses', () => {
  it.each(HOSTILE)('%s: %s', async (_, url, expected) => {
    subscribe('net.client.socket', onSocket);
    expect(await outcome(url)).toBe(expected);
    expect([opened.length, requests]).toEqual([0, 0]);
  });

  it('the spies see a connection where one is allowed by name', async () => {
    subscribe('net.client.socket', onSocket);
    expect(await outcome('http://loop.test:PORT/', [`loop.test:${port}`])).toBe('status 200');
    expect([opened.length, requests, asked]).toEqual([1, 1, ['loop.test']]);
  });

  it.each([
    ['metadata', 'http://169.254.169.254/', '169.254.169.254'],
    ['metadata by IPv6', 'http://[fd00:ec2::254]/', '[fd00:ec2::254]'],
    ['metadata by a name', 'http://metadata.test/', 'metadata.test'],
    ['multicast', 'http://224.0.0.1/', '224.0.0.1'],
    ['link-local', 'http://[fe80::1]/', '[fe80::1]'],
  ])('no name allows %s', async (_, url, name) => {
    subscribe('net.client.socket', onSocket);
    expect(await outcome(url, [name])).toBe(ADDRESS);
    expect(opened).toEqual([]);
  });

  it('names that are allowed do not reach further: other ports, other hosts, names that end alike', async () => {
    subscribe('net.client.socket', onSocket);
    for (const url of [
      'http://loop.test:1234/',
      'http://loop.test/',
      'http://not-loop.test:PORT/',
      'http://loop.test.:PORT/',
    ])
      expect(await outcome(url, [`loop.test:${port}`])).toBe(ADDRESS);
    expect(opened).toEqual([]);
  });
});

describe('redirects', () => {
  const targets: [string, string, string][] = [
    ['loopback', 'http://127.0.0.1:PORT/', ADDRESS],
    ['another spelling of it', '//0x7f.1:PORT/', ADDRESS],
    ['metadata', 'http://169.254.169.254/', ADDRESS],
    ['a name for loopback', 'http://loop.test:PORT/', ADDRESS],
    ['a user name', 'http://hop.test@127.0.0.1:PORT/', ADDRESS],
    ['a bad port', 'http://8.8.8.8:25/', 'PortRefused'],
    ['file', 'file:///etc/passwd', 'UrlNotHttp'],
    ['ftp', 'ftp://8.8.8.8/', 'UrlNotHttp'],
    ['data', 'data:text/plain,x', 'UrlNotHttp'],
    ['javascript', 'javascript:alert(1)', 'UrlNotHttp'],
    ['gopher', 'gopher://127.0.0.1:6379/_x', 'UrlNotHttp'],
    ['no host', 'http://', 'UrlNotHttp'],
  ];

  it.each(targets)('to %s ends there', async (_, location, expected) => {
    const hop = createServer((_request, response) => {
      response.writeHead(302, { location: location.replaceAll('PORT', String(port)) }).end();
    });
    await new Promise<void>((done) => hop.listen(0, '127.0.0.1', done));
    const hopHost = `hop.test:${(hop.address() as AddressInfo).port}`;
    subscribe('net.client.socket', onSocket);
    expect(await outcome(`http://${hopHost}/`, [hopHost])).toBe(expected);
    // The one socket is that of the hop itself.
    expect([opened.length, requests]).toEqual([1, 0]);
    hop.closeAllConnections();
    hop.close();
  });

  it('a name that changes its mind is resolved once for a connection, and checked anew for the next', async () => {
    const answers = ['127.0.0.1', '169.254.169.254', '127.0.0.1'];
    const name = `rebinding.test:${port}`;
    const fetch = createGuardedFetch({
      allowPrivate: [name],
      userAgent: 'test',
      resolve: () => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]),
    });
    clients.push(fetch);
    subscribe('net.client.socket', onSocket);
    expect((await fetch(`http://${name}/`)).status).toBe(200);
    expect(answers).toHaveLength(2);
    server.closeAllConnections();
    await expect(fetch(`http://${name}/`)).rejects.toMatchObject({ name: ADDRESS });
    expect([opened.length, requests]).toEqual([1, 1]);
  });
});
