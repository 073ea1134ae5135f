/** Writes a request's body to a file as it comes in; never more than one chunk of it is in memory. */
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../errors/app_error.ts";

/** Where the bytes go; tests put a full disk here. */
export interface UploadFile {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export type OpenUpload = (path: string) => Promise<UploadFile>;

/** Opens a new file, and its folder, for writing. */
export const openUploadFile: OpenUpload = async (path) => {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, "wx");
  return {
    async write(chunk) {
      let offset = 0;
      while (offset < chunk.byteLength) {
        const { bytesWritten } = await handle.write(chunk, offset, chunk.byteLength - offset);
        offset += bytesWritten;
      }
    },
    close: () => handle.close(),
  };
};

/** Gives the number of bytes. Throws `disk_full` or `io_error`, and `import_failed` when the body ends with an error. */
export async function receiveUpload(
  body: ReadableStream<Uint8Array> | null,
  path: string,
  openFile: OpenUpload = openUploadFile,
): Promise<number> {
  let byteCount = 0;
  let file: UploadFile | undefined;
  try {
    file = await openFile(path);
    if (body === null) return 0;
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await readChunk(reader);
        if (done) return byteCount;
        byteCount += value.byteLength;
        await file.write(value);
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  } catch (error) {
    throw uploadError(error);
  } finally {
    await file?.close().catch(() => {});
  }
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (error) {
    throw new AppError("import_failed", "upload: the connection ended before the whole file had come", {
      cause: error,
    });
  }
}

/** A file system's error as one of the catalogue's. */
export function uploadError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT" || /no space left|ENOSPC/i.test(String(error))) {
    return new AppError("disk_full", "upload: no space left on the server's disk; nothing was changed", {
      cause: error,
    });
  }
  if (typeof code === "string") {
    return new AppError("io_error", `upload: the server could not write the file (${code}); nothing was changed`, {
      cause: error,
    });
  }
  return error;
}
