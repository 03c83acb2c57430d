/** A request that is not answered, and why: becomes `{ error: { code, message, field } }` with this status. */
export class Refused extends Error {
  constructor(status, code, message, field) {
    super(message);
    Object.assign(this, { status, code, field });
  }
}

export const badType = (field, rule) => new Refused(400, 'wrong-type', `${field} must be ${rule}`, field);
export const badValue = (field, rule) => new Refused(400, 'wrong-value', `${field} must be ${rule}`, field);
