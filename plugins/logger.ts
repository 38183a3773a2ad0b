import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** One line a request, when it is answered, with its address, its status, its length and why it was refused: two halve what a log holds. */
export class OneLineLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(err: Error | null | undefined, req: FastifyRequest, reply: FastifyReply): void {
    const bytes = Number(reply.getHeader('content-length') ?? Number.NaN);
    // What streams has no length.
    const length = Number.isFinite(bytes) ? { bytes } : {};
    const refused = reply.refusal ? { code: reply.refusal.code, refused: reply.refusal.message } : {};
    const details = { req, res: reply, ...refused, ...length, responseTime: reply.elapsedTime };
    if (err) reply.log.error({ ...details, err }, 'request errored');
    else reply.log.info(details, 'request completed');
  }
}
