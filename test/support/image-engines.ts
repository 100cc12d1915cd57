import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Stand-ins for two image engines: their wire formats, as their documentation and sources have them, around images that are only their requests' text. No
 * model runs in them.
 */

export interface ImageEngine {
  url: string;
  /** What came, in order: method and path, with the body. */
  seen: { route: string; body: string }[];
  close: () => Promise<void>;
}

interface Reply {
  status?: number;
  json?: unknown;
  bytes?: Buffer;
}

async function serve(answer: (route: string, body: Buffer, url: URL) => Reply): Promise<ImageEngine> {
  const seen: ImageEngine['seen'] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const url = new URL(request.url ?? '/', 'http://engine');
      const route = `${request.method} ${url.pathname}`;
      seen.push({ route, body: body.toString('latin1') });
      const { status = 200, json, bytes } = answer(route, body, url);
      response.writeHead(status, { 'content-type': bytes === undefined ? 'application/json' : 'image/png' });
      response.end(bytes ?? JSON.stringify(json));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/**
 * ComfyUI's routes. An image is the JSON of the workflow that it was made by, with the bytes of the uploads that it names.
 * @param mode `slow` never finishes, `broken` breaks off, `empty` saves nothing, `refusing` finds the workflow wrong
 */
export async function startComfyUi(
  mode: 'good' | 'slow' | 'broken' | 'empty' | 'refusing' = 'good',
): Promise<ImageEngine> {
  const prompts = new Map<string, { text: string; looks: number }>();
  const uploads: string[] = [];
  return await serve((route, body, url) => {
    if (route === 'POST /upload/image') {
      const [, content = ''] = body.toString('latin1').split('\r\n\r\n');
      uploads.push(content.split('\r\n--')[0] ?? '');
      return { json: { name: `upload${uploads.length}.png`, subfolder: 'in', type: 'input' } };
    }
    if (route === 'POST /prompt') {
      const { prompt } = JSON.parse(body.toString()) as { prompt: unknown };
      const error = { type: 'prompt_outputs_failed_validation', message: 'Value not in list', details: '' };
      if (mode === 'refusing') return { status: 400, json: { error, node_errors: { 4: {} } } };
      const id = `id-${prompts.size}`;
      prompts.set(id, { text: JSON.stringify({ prompt, uploads }), looks: 0 });
      return { json: { prompt_id: id, number: prompts.size, node_errors: {} } };
    }
    if (route.startsWith('GET /history/')) {
      const id = url.pathname.slice('/history/'.length);
      const prompt = prompts.get(id);
      // It is not in the history before it is done.
      if (prompt === undefined || mode === 'slow' || (prompt.looks += 1) < 2) return { json: {} };
      const status = {
        status_str: mode === 'broken' ? 'error' : 'success',
        completed: mode !== 'broken',
        messages: [],
      };
      const shown = { filename: 'shown.png', subfolder: '', type: 'temp' };
      const saved = { filename: `${id}.png`, subfolder: 'out', type: 'output' };
      const images = mode === 'empty' ? [shown] : [shown, saved];
      return { json: { [id]: { prompt: [], outputs: { 7: { text: ['a'] }, 9: { images } }, status } } };
    }
    if (route === 'GET /view') {
      const { filename, subfolder, type } = Object.fromEntries(url.searchParams) as Record<string, string>;
      const found = prompts.get((filename ?? '').replace('.png', ''));
      const isIt = subfolder === 'out' && type === 'output' && found !== undefined;
      return isIt ? { bytes: Buffer.from(found.text) } : { status: 404, json: {} };
    }
    return route === 'POST /queue' ? { json: {} } : { status: 404, json: {} };
  });
}

/** The API of Stable Diffusion web UI. An image is the path with the body that it was made by. */
export async function startAutomatic1111(mode: 'good' | 'failing' = 'good'): Promise<ImageEngine> {
  return await serve((route, body) => {
    const path = route.replace('POST /sdapi/v1/', '');
    if (mode === 'failing') {
      return { status: 500, json: { error: 'OutOfMemoryError', detail: '', body: '', errors: 'CUDA out of memory' } };
    }
    if (path === 'extra-single-image') return { json: { html_info: '', image: encoded(path, body) } };
    if (path !== 'txt2img' && path !== 'img2img') return { status: 404, json: { detail: 'Not Found' } };
    const { batch_size: count = 1 } = JSON.parse(body.toString()) as { batch_size?: number };
    const images = Array.from({ length: count }, (_, index) => encoded(`${path} ${index}`, body));
    return { json: { images, parameters: {}, info: '{}' } };
  });
}

function encoded(path: string, body: Buffer): string {
  return Buffer.from(`${path} ${body.toString()}`).toString('base64');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
