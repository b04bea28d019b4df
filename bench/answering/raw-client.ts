import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Called with the status, 0 if the connection ended, and the body. */
type Answered = (status: number, body: string) => void;

/** A kept-alive connection that sends whole requests, one at a time: a client of HTTP that costs little. */
export class RawClient {
  readonly #socket: Socket;
  #answered: Answered | undefined;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('close', () => this.#end(0));
    socket.on('error', () => {
      // It closes as well.
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Not a promise: it costs more than the rest. */
  send(request: Buffer, answered: Answered): void {
    this.#answered = answered;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = Number(this.#received.slice(9, 12));
    const body = this.#received.slice(head + 4);
    this.#received = '';
    this.#end(status, body);
  }

  #end(status: number, body = ''): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(status, body);
  }
}
