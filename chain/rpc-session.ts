/** An error that a JSON-RPC client gets: code and message, with data where the method has some. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: string | undefined;

  constructor(code: number, message: string, data?: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

export type Notify = (result: unknown) => void;

/** One client's subscriptions. `send` puts a message on its connection. */
export class RpcSession {
  readonly #send: (message: object) => void;
  readonly #subscriptions = new Map<string, () => void>();
  #next = 1;

  constructor(send: (message: object) => void) {
    this.#send = send;
  }

  /**
   * Opens a subscription and gives its id. `open` is called once the client knows the id; it gets a function that
   * notifies the client under `method`, and returns one that ends the subscription.
   */
  subscribe(method: string, open: (notify: Notify) => () => void): string {
    const subscription = `${method}-${this.#next++}`;
    this.#subscriptions.set(subscription, () => undefined);
    setImmediate(() => {
      if (!this.#subscriptions.has(subscription)) return;
      const close = open((result) => {
        if (!this.#subscriptions.has(subscription)) return;
        this.#send({ jsonrpc: '2.0', method, params: { subscription, result } });
      });
      this.#subscriptions.set(subscription, close);
    });
    return subscription;
  }

  unsubscribe(subscription: string): boolean {
    const close = this.#subscriptions.get(subscription);
    close?.();
    return this.#subscriptions.delete(subscription);
  }

  close(): void {
    for (const close of this.#subscriptions.values()) close();
    this.#subscriptions.clear();
  }
}
