import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PartMissingError } from './errors.ts';

/** The clone that this file belongs to. */
export const cloneRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

const partsSchema = z.object({
  temporal: z.object({ executable: z.string() }).optional(),
  redis: z
    .object({ executable: z.string(), modules: z.array(z.string()), libraries: z.string().optional() })
    .optional(),
  chromium: z.object({ executable: z.string() }).optional(),
  python: z.object({ packages: z.string() }).optional(),
  photographs: z.object({ folder: z.string() }).optional(),
  engines: z.object({ folder: z.string() }).optional(),
});

/** Executables and folders that set-up found or brought, as absolute paths. */
export type Parts = z.infer<typeof partsSchema>;

const runSetup = 'run `node stack/setup.mjs`, which `npm start` and `npm test` do first';

/** What `stack/setup.mjs` wrote about this clone. Empty when it has not run. */
export function readParts(root: string = cloneRoot): Parts {
  const file = join(root, '.seine', 'parts.json');
  if (!existsSync(file)) return {};
  const parts = partsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const absolute = (path: string): string => resolve(root, path);
  return {
    ...(parts.temporal && { temporal: { executable: absolute(parts.temporal.executable) } }),
    ...(parts.redis && {
      redis: {
        executable: absolute(parts.redis.executable),
        modules: parts.redis.modules.map(absolute),
        ...(parts.redis.libraries !== undefined && { libraries: absolute(parts.redis.libraries) }),
      },
    }),
    ...(parts.chromium && { chromium: { executable: absolute(parts.chromium.executable) } }),
    ...(parts.python && { python: { packages: absolute(parts.python.packages) } }),
    ...(parts.photographs && { photographs: { folder: absolute(parts.photographs.folder) } }),
    ...(parts.engines && { engines: { folder: absolute(parts.engines.folder) } }),
  };
}

/** One of them. Throws `PartMissingError` where set-up has not brought it or it has been deleted since. */
export function needPart<Name extends 'temporal' | 'redis'>(
  name: Name,
  root: string = cloneRoot,
): NonNullable<Parts[Name]> {
  const part = readParts(root)[name];
  if (part === undefined || !existsSync(part.executable)) throw new PartMissingError(name, runSetup);
  return part;
}
