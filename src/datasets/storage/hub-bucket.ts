import { openAsBlob } from 'node:fs';
import type { Bucket } from './bucket.ts';

/** The part of `@huggingface/hub` that is used here: pass the module itself. */
export interface HubLibrary {
  fileDownloadInfo(request: HubRequest & { path: string }): Promise<{ size: number } | null>;
  downloadFile(request: HubRequest & { path: string }): Promise<Blob | null>;
  uploadFile(request: HubRequest & { file: { path: string; content: Blob }; commitTitle: string }): Promise<unknown>;
  deleteFile(request: HubRequest & { path: string; commitTitle: string }): Promise<unknown>;
}

interface HubRequest {
  repo: { type: 'dataset'; name: string };
  accessToken: string;
  hubUrl?: string;
}

/**
 * A bucket in a dataset repository of the Hugging Face Hub, one commit a file. Whether others can read it is the repository's own setting.
 * An upload that broke off begins anew, but bytes that the Hub has by their digest are not sent again.
 */
export function createHubBucket(
  hub: HubLibrary,
  { repo, accessToken, hubUrl }: { repo: string; accessToken: string; hubUrl?: string },
): Bucket {
  const request: HubRequest = {
    repo: { type: 'dataset', name: repo },
    accessToken,
    ...(hubUrl === undefined ? {} : { hubUrl }),
  };
  const size = async (path: string): Promise<number | null> =>
    (await hub.fileDownloadInfo({ ...request, path }))?.size ?? null;
  return {
    place: `hf:${repo}`,
    size,
    async *read(path, range) {
      const blob = await hub.downloadFile({ ...request, path });
      if (blob === null) throw new TypeError(`${path} is not in hf:${repo}`);
      const part = range === undefined ? blob : blob.slice(range.start, range.end);
      yield* part.stream() as unknown as AsyncIterable<Uint8Array>;
    },
    async writeFile(path, local) {
      const content = await openAsBlob(local);
      await hub.uploadFile({ ...request, file: { path, content }, commitTitle: `Add ${path}` });
    },
    async remove(path) {
      if ((await size(path)) !== null) await hub.deleteFile({ ...request, path, commitTitle: `Remove ${path}` });
    },
  };
}
