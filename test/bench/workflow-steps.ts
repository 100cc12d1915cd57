import type { Client } from '@temporalio/client';

/** What a workflow's activities of one kind took, all together. */
export interface Step {
  /** Until a worker had a place for it. */
  waitedMs: number;
  ranMs: number;
}

type Timestamp = { seconds?: { toString(): string } | null; nanos?: number | null } | null | undefined;

/** By the names of activities; times are the Temporal server's. */
export async function stepsOf(client: Client, workflowId: string): Promise<Map<string, Step>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = new Map<string, { name: string; atMs: number; startedMs: number }>();
  const steps = new Map<string, Step>();
  for (const event of events ?? []) {
    const atMs = msOf(event.eventTime);
    const asked = event.activityTaskScheduledEventAttributes;
    const started = event.activityTaskStartedEventAttributes;
    const done = event.activityTaskCompletedEventAttributes;
    if (asked) scheduled.set(String(event.eventId), { name: asked.activityType?.name ?? '', atMs, startedMs: atMs });
    const of = scheduled.get(String((started ?? done)?.scheduledEventId));
    if (of === undefined) continue;
    if (started) of.startedMs = atMs;
    if (!done) continue;
    const step = steps.get(of.name) ?? { waitedMs: 0, ranMs: 0 };
    steps.set(of.name, {
      waitedMs: step.waitedMs + of.startedMs - of.atMs,
      ranMs: step.ranMs + atMs - of.startedMs,
    });
  }
  return steps;
}

function msOf(time: Timestamp): number {
  return Number(String(time?.seconds ?? 0)) * 1000 + (time?.nanos ?? 0) / 1e6;
}
