import type { ImageValues } from './image-values.ts';

/*
 * A workflow of ComfyUI in its API format (menu: Export (API)): nodes by number, whose inputs may hold `{{name}}`. An input that is a placeholder and nothing
 * else gets the value as it is, a number as a number; within a longer text it gets the value's text.
 */

/** What a workflow may leave open; `image` and `mask` become names of uploaded files. */
export const PLACEHOLDERS = [
  'prompt',
  'negative_prompt',
  'seed',
  'steps',
  'guidance_scale',
  'width',
  'height',
  'strength',
  'image',
  'mask',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Nodes by number. */
export type ComfyWorkflow = Readonly<Record<string, { class_type: string; inputs: Record<string, unknown> }>>;

export type WorkflowValues = ImageValues & { image?: string; mask?: string };

const PLACE = /\{\{\s*([A-Za-z_]+)\s*\}\}/g;

/** Every name that stands in a placeholder, known or not. */
export function placeholdersOf(workflow: ComfyWorkflow): Set<string> {
  return new Set([...JSON.stringify(workflow).matchAll(PLACE)].map(([, name]) => name ?? ''));
}

/** What is wrong with a value as a workflow; null where nothing is. @param needs what requests bring and the workflow must take */
export function workflowFault(value: unknown, needs: readonly Placeholder[]): string | null {
  if (!isWorkflow(value)) return 'is no workflow in the API format: export it by "Export (API)"';
  const found = placeholdersOf(value);
  const unknown = [...found].find((name) => !(PLACEHOLDERS as readonly string[]).includes(name));
  if (unknown !== undefined) return `has {{${unknown}}}; there are ${PLACEHOLDERS.join(', ')}`;
  const missing = needs.filter((name) => !found.has(name));
  if (missing.length > 0) return `has no ${missing.map((name) => `{{${name}}}`).join(' and no ')}: requests bring it`;
  return null;
}

/** The workflow with values in its placeholders. */
export function filledWorkflow(workflow: ComfyWorkflow, values: WorkflowValues): ComfyWorkflow {
  const byName = values as unknown as Readonly<Record<string, string | number | undefined>>;
  const fill = (item: unknown): unknown => {
    if (typeof item === 'string') {
      const whole = /^\{\{\s*([A-Za-z_]+)\s*\}\}$/.exec(item);
      if (whole !== null) return byName[whole[1] ?? ''] ?? '';
      return item.replace(PLACE, (_, name: string) => String(byName[name] ?? ''));
    }
    if (Array.isArray(item)) return item.map(fill);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(workflow) as ComfyWorkflow;
}

function isWorkflow(value: unknown): value is ComfyWorkflow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const nodes = Object.values(value);
  return nodes.length > 0 && nodes.every(isNode);
}

function isNode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { class_type: type, inputs } = value as { class_type?: unknown; inputs?: unknown };
  return typeof type === 'string' && typeof inputs === 'object' && inputs !== null;
}
