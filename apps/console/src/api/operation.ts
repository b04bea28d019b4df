import type { ConsoleRole } from '@sluice/config';
import { z } from 'zod';
import type { ConsoleContext } from '../context.ts';
import type { Principal } from '../principal.ts';
import { NDJSON } from './ndjson.ts';
import { parseInput, type RawInput } from './parse-input.ts';

/** What an operation answers, as the document tells it. */
export interface Answer {
  readonly status: 200 | 201;
  readonly mediaType: string;
  readonly schema: z.ZodType;
  /** Of a stream of events, the data of each. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}

/** What is sent when an operation has done its work. */
export type Outcome =
  | { readonly kind: 'json'; readonly value: unknown; readonly location?: string }
  /** A value a line. */
  | { readonly kind: 'lines'; readonly values: AsyncIterable<unknown> }
  /** Takes the answer over, and ends it. */
  | { readonly kind: 'stream'; readonly send: StreamSender };

/** Writes an answer bit by bit; `closed` fires when nobody reads it any more. */
export type StreamSender = (stream: AnswerStream) => void;

export interface AnswerStream {
  /** Returns false, and ends the answer, when its reader is too slow. */
  write(text: string): boolean;
  end(): void;
  readonly closed: AbortSignal;
}

/** One operation of the API: router, validation and document are made from it. */
export interface Operation {
  readonly method: 'get' | 'post';
  /** Below /api, with parameters as `:id`. */
  readonly path: string;
  readonly role: ConsoleRole;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  /** Of a body that is NDJSON, however long, each line. */
  readonly lines: z.ZodType | undefined;
  /** Bytes; of each line where there are lines. */
  readonly bodyLimit: number;
  readonly answer: Answer;
  /** Statuses of problems that it alone has. */
  readonly problems: readonly number[];
  /** Checks what came and does the work. Throws a Problem where it cannot. */
  run(raw: RawInput, who: Principal, context: ConsoleContext): Promise<Outcome>;
}

/** What a handler gets, checked. */
export interface Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** As they came, unchecked; none unless `lines` are declared. */
  readonly lines: AsyncIterable<string>;
  readonly who: Principal;
}

interface Declaration<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly method: Operation['method'];
  readonly path: string;
  readonly role: ConsoleRole;
  readonly summary: string;
  readonly params?: P;
  /** All of them are optional. */
  readonly query?: Q;
  readonly body?: B;
  /** What a line of the body is described as, where that is NDJSON; it is for the handler to check. */
  readonly lines?: z.ZodType;
  /** Bytes; 1 MB unless told. */
  readonly bodyLimit?: number;
  readonly problems?: readonly number[];
}

interface JsonDeclaration<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Declaration<P, Q, B> {
  readonly answer: A;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => Promise<z.input<A>>;
  /** It makes something, which is found there: 201. */
  readonly location?: (made: z.input<A>) => string;
}

interface EventsDeclaration<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>
  extends Declaration<P, Q, B> {
  readonly events: Readonly<Record<string, z.ZodType>>;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => Promise<StreamSender>;
}

interface LinesDeclaration<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Declaration<P, Q, B> {
  /** Of each line. */
  readonly answer: A;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => AsyncIterable<z.input<A>>;
}

const NOTHING = z.strictObject({});
type Nothing = typeof NOTHING;

const MIB = 1024 * 1024;

/** Declares an operation that answers JSON. */
export function defineOperation<
  A extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: JsonDeclaration<P, Q, B, A>): Operation {
  const { answer, handle, location } = declaration;
  return {
    ...shared(declaration),
    answer: { status: location ? 201 : 200, mediaType: 'application/json', schema: answer },
    run: async (raw, who, context) => {
      const value = await handle({ ...parseInput(declaration, raw), lines: raw.lines, who }, context);
      return { kind: 'json', value, ...(location ? { location: location(value) } : {}) };
    },
  };
}

/** Declares an operation that answers NDJSON, however long. */
export function defineLines<
  A extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: LinesDeclaration<P, Q, B, A>): Operation {
  const { answer, handle } = declaration;
  return {
    ...shared(declaration),
    answer: { status: 200, mediaType: NDJSON, schema: answer },
    run: async (raw, who, context) => {
      const input = { ...parseInput(declaration, raw), lines: raw.lines, who };
      return { kind: 'lines', values: handle(input, context) };
    },
  };
}

/** Declares an operation that answers server-sent events. */
export function defineEvents<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: EventsDeclaration<P, Q, B>): Operation {
  const { events, handle } = declaration;
  return {
    ...shared(declaration),
    answer: { status: 200, mediaType: 'text/event-stream', schema: z.string(), events },
    run: async (raw, who, context) => ({
      kind: 'stream',
      send: await handle({ ...parseInput(declaration, raw), lines: raw.lines, who }, context),
    }),
  };
}

function shared<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>({
  method,
  path,
  role,
  summary,
  params,
  query,
  body,
  lines,
  bodyLimit = MIB,
  problems = [],
}: Declaration<P, Q, B>) {
  return {
    ...{ method, path, role, summary, body, lines, bodyLimit, problems },
    params: params ?? NOTHING,
    query: query ?? NOTHING,
  };
}
