/** How an endpoint refuses a call, in GitLab's words. */
/** Thrown by endpoints; the body is exactly what GitLab would send. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(JSON.stringify(body));
    this.name = 'Refusal';
  }
}

export const unauthorized = (): Refusal => new Refusal(401, { message: '401 Unauthorized' });

export const forbidden = (reason = ''): Refusal =>
  new Refusal(403, { message: reason === '' ? '403 Forbidden' : `403 Forbidden  - ${reason}` });

export const notFound = (what = ''): Refusal =>
  new Refusal(404, { message: what === '' ? '404 Not found' : `404 ${what} Not Found` });

export const conflict = (message: string): Refusal => new Refusal(409, { message });

export const badRequest = (message: unknown): Refusal => new Refusal(400, { message });
