import { InvalidInputError } from '../../core/errors.ts';
import { readAnswer } from '../backends/read-answer.ts';
import { createStreamReader } from '../backends/read-stream.ts';
import { requestBytes } from '../wire/request-bytes.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import { mostAnswerBytes } from './answer-bytes.ts';
import type { MinerHttp } from './miner-http.ts';
import type { AskOutcome, TaskClient } from './task-client.ts';

const PATHS: Readonly<Record<TaskRequest['api'], string>> = {
  chat: '/v1/chat/completions',
  completion: '/v1/completions',
  images: '/v1/images/generations',
  embeddings: '/v1/embeddings',
};

/** Asks miners by OpenAI's API, each request signed for its receiver. The signer's library must be ready. */
export function createHttpTaskClient(http: MinerHttp): TaskClient {
  return {
    async ask(miner, task, request, signal) {
      const answer = readerOf(request);
      const came = await http.post(miner, {
        ...{ path: PATHS[request.api], body: requestBytes(request), task: task.name, signal },
        accept: answer.isStream ? 'text/event-stream' : 'application/json',
        timeoutMs: task.timeout_ms,
        maxBytes: mostAnswerBytes(task, request),
        read: answer.read,
      });
      if (came.outcome !== 'read') return came;
      const { elapsed_ms, first_ms } = came;
      return finished(answer.finish, { elapsed_ms, first_ms });
    },
    close: () => http.close(),
  };
}

interface AnswerReader {
  isStream: boolean;
  read: (bytes: Uint8Array) => void;
  /** Throws InvalidInputError where what came is no answer to the request. */
  finish: () => TaskAnswer;
}

function readerOf(request: TaskRequest): AnswerReader {
  if ((request.api === 'chat' || request.api === 'completion') && request.body.stream === true) {
    const reader = createStreamReader(request.api, request.body.model);
    return { isStream: true, read: (bytes) => void reader.push(bytes), finish: reader.finish };
  }
  const pieces: Uint8Array[] = [];
  return {
    isStream: false,
    read: (bytes) => void pieces.push(bytes),
    finish: () => readAnswer(request, Buffer.concat(pieces)),
  };
}

function finished(finish: () => TaskAnswer, times: { elapsed_ms: number; first_ms: number }): AskOutcome {
  try {
    return { outcome: 'answered', answer: finish(), ...times };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { outcome: 'failed', reason: 'malformed', elapsed_ms: times.elapsed_ms };
  }
}
