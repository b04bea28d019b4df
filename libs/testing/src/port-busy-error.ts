/** Somebody else listens on `port` of 127.0.0.1. */
export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';

  constructor(port: number) {
    super(`port ${port} is busy: stop what listens on 127.0.0.1:${port}, or choose another port`);
  }
}
