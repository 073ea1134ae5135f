/** An error that also says where it happened, as those of COPY do: PostgreSQL's CONTEXT. */
import { AppError } from "../../errors/app_error.ts";

export class LocatedError extends AppError {
  /** Field `W` of ErrorResponse. */
  readonly context: string;

  /** The same error with its place. */
  constructor(error: AppError, context: string) {
    super(error.kind, error.message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.position === undefined ? {} : { position: error.position }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.object === undefined ? {} : { object: error.object }),
    });
    this.context = context;
  }
}
