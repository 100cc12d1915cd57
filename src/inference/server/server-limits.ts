/** Bounds of an inference server, over those of its tasks. */
export interface InferenceServerLimits {
  /** Open connections, over all addresses. @default 512 */
  maxConnections: number;
  /** Open connections of one remote address. @default 128 */
  maxConnectionsPerAddress: number;
  /** Bodies of more than 64 KB, of callers not yet verified, that are read at once: each may hold images. @default 32 */
  maxBodies: number;
  /** The same, of one remote address. @default 16 */
  maxBodiesPerAddress: number;
  /** Requests from one remote address in a minute, signed or not: a signature check costs time. @default 6000 */
  requestsPerMinutePerAddress: number;
  /** Time in which a whole request must arrive: 10 MB of images at 3 Mbit/s. @default 30000 */
  requestTimeoutMs: number;
}

export const INFERENCE_SERVER_LIMITS: InferenceServerLimits = {
  maxConnections: 512,
  maxConnectionsPerAddress: 128,
  maxBodies: 32,
  maxBodiesPerAddress: 16,
  requestsPerMinutePerAddress: 6000,
  requestTimeoutMs: 30_000,
};
