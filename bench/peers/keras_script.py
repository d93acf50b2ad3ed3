"""The script of the question in Keras, whole: `python keras_script.py <folder> [epochs]`. EfficientNetB0 frozen, gray files read as three channels by
ImageDataGenerator, 84×112, Flatten and Dense on its pooled features, `fit`. Prints JSON: {"versions", "seconds", "accuracy"}; the seconds are
from files to the saved model, without importing the library. Weights are random: ImageNet's would take the same time."""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import keras
    import tensorflow
    from keras.src.legacy.preprocessing.image import ImageDataGenerator
except ImportError as error:
    print(error)
    sys.exit(3)

folder = sys.argv[1]
epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
began = time.perf_counter()
data = ImageDataGenerator(validation_split=0.2)
flow = {"target_size": (84, 112), "color_mode": "rgb", "batch_size": 32, "seed": 0}
training = data.flow_from_directory(folder, subset="training", **flow)
validation = data.flow_from_directory(folder, subset="validation", **flow)
base = keras.applications.EfficientNetB0(include_top=False, weights=None, pooling="max", input_shape=(84, 112, 3))
base.trainable = False
model = keras.Sequential([base, keras.layers.Flatten(), keras.layers.Dense(training.num_classes, activation="softmax")])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
history = model.fit(training, validation_data=validation, epochs=epochs, verbose=0)
model.save(os.path.join(sys.argv[3] if len(sys.argv) > 3 else ".", "model.keras"))
seconds = time.perf_counter() - began
print(json.dumps({"versions": {"keras": keras.__version__, "tensorflow": tensorflow.__version__}, "seconds": seconds, "accuracy": history.history["val_accuracy"][-1]}))
