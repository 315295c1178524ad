"""What this package uses of other packages that they do not promise to keep.

All of it stands here, a file for each package, and nothing outside of this room reads another
package's private names.  Each piece says which public way was tried, and which test fails when
the private one changes.  Written against TensorFlow Probability 0.25, Keras 3.15 and
scikit-learn 1.9.
"""
