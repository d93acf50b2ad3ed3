"""The Python side of `npm run bench -- decode`: one contender in one process.

    python decode.py <contender> '<json>'

contender: pillow-processes, pillow-threads (Image.open, resize BILINEAR, float32) or tf-data (decode_jpeg / decode_png,
tf.image.resize with antialias, num_parallel_calls).
json: {"side": 224, "batch": 32, "workers": 2}

Prints `ready <versions>`; each line `{"paths": [...], "low": 0, "high": 255}` reads the files as batches of gray levels
0–255 and prints `{"ms", "cpuMs", "images", "mean"}`: time, processor time of all workers, files, mean level. Ends at the
end of its input. A library that is missing: one line, exit code 3.
"""
import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def read_with_pillow(job):
    """[side, side] gray levels, and the processor seconds that it took."""
    from PIL import Image
    import numpy as np

    path, side, low, high = job
    started = time.thread_time()
    with Image.open(path) as picture:
        if picture.mode != "L":
            picture = picture.convert("F")  # 16 bits: faster than resizing I;16, and not rounded
        plane = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR), np.float32)
    if (low, high) != (0, 255):
        plane = np.clip((plane - low) * np.float32(255 / (high - low)), 0, 255)
    return plane, time.thread_time() - started


def with_pillow(side, batch, workers, pool):
    import numpy as np
    import PIL

    def run(paths, low, high):
        images, total, seconds, planes = 0, 0.0, 0.0, []
        for plane, spent in pool.imap(read_with_pillow, [(path, side, low, high) for path in paths], chunksize=8):
            planes.append(plane)
            seconds += spent
            if len(planes) == batch or images + len(planes) == len(paths):
                whole = np.stack(planes)
                total += float(whole.sum(dtype=np.float64))
                images += len(planes)
                planes = []
        return images, total / (images * side * side), seconds

    return run, f"pillow {PIL.__version__}"


def with_tensorflow(side, batch, workers):
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(workers)
    tf.config.threading.set_inter_op_parallelism_threads(workers)

    def read(path, low, high):
        data = tf.io.read_file(path)
        if path_is_png:
            picture = tf.io.decode_png(data, channels=1, dtype=tf.uint16)
        else:
            picture = tf.io.decode_jpeg(data, channels=1)
        plane = tf.image.resize(picture, (side, side), antialias=True)
        return tf.clip_by_value((plane - low) * (255 / (high - low)), 0, 255)

    path_is_png = False

    def run(paths, low, high):
        nonlocal path_is_png
        path_is_png = paths[0].endswith(".png")
        files = tf.data.Dataset.from_tensor_slices(paths)
        files = files.map(lambda path: read(path, low, high), num_parallel_calls=workers).batch(batch).prefetch(1)
        images, total = 0, 0.0
        for planes in files:
            images += planes.shape[0]
            total += float(planes.numpy().sum(dtype="float64"))
        return images, total / (images * side * side), 0.0

    return run, f"tensorflow {tf.__version__}"


def open_contender(name, side, batch, workers):
    if name == "tf-data":
        return with_tensorflow(side, batch, workers)
    if name == "pillow-threads":
        from multiprocessing.pool import ThreadPool

        run, versions = with_pillow(side, batch, workers, ThreadPool(workers))
        return (lambda *job: (*run(*job)[:2], 0.0)), versions  # the threads are of this process, counted there
    from multiprocessing import Pool

    return with_pillow(side, batch, workers, Pool(workers))


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    try:
        run, versions = open_contender(sys.argv[1], **json.loads(sys.argv[2]))
    except ImportError as error:
        print(error, flush=True)
        sys.exit(3)
    print(f"ready {versions}", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        before, started = processor_seconds(), time.perf_counter()
        images, mean, elsewhere = run(job["paths"], job["low"], job["high"])
        ms = 1000 * (time.perf_counter() - started)
        cpu_ms = 1000 * (processor_seconds() - before + elsewhere)
        print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "images": images, "mean": mean}), flush=True)
