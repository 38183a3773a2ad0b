/** What carries messages: a child process, or `process` in the child. */
export interface Channel {
  send?(message: Packet): unknown;
  on(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown;
}

type Packet = readonly { readonly id: number; readonly isAnswer: boolean; readonly content: unknown }[];

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * Questions and answers between a process and its child, in both directions. Those of one turn of the loop travel together: a
 * message by itself costs more than most questions.
 */
export class IpcCalls<Question, Answer, OtherQuestion, OtherAnswer> {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #outgoing: Packet[number][] = [];
  #callsCount = 0;

  constructor(channel: Channel, answerTo: (question: OtherQuestion) => Promise<OtherAnswer>) {
    this.#channel = channel;
    channel.on('message', (message) => {
      for (const { id, isAnswer, content } of message as Packet) {
        if (isAnswer) this.#end(id, content as Answer);
        else void answerTo(content as OtherQuestion).then((answer) => this.#post(id, true, answer));
      }
    });
    channel.on('disconnect', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The other process has ended'));
    });
  }

  /** Rejects when the other process ends meanwhile. */
  ask(question: Question): Promise<Answer> {
    const id = ++this.#callsCount;
    this.#post(id, false, question);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #end(id: number, answer: Answer): void {
    this.#waiting.get(id)?.resolve(answer);
    this.#waiting.delete(id);
  }

  #post(id: number, isAnswer: boolean, content: unknown): void {
    if (this.#outgoing.push({ id, isAnswer, content }) > 1) return;
    setImmediate(() => {
      this.#channel.send?.(this.#outgoing);
      this.#outgoing = [];
    });
  }
}
