/* One endpoint of an export, by TensorFlow's C API: rows of floats from standard input to output.

   transform VERSION INPUT OUTPUT INDEX ROWS COLUMNS < given > answered

   INPUT and OUTPUT are the operations, and INDEX the output of the latter, that
   `saved_model_cli show` gives as NAME:INDEX. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tensorflow/c/c_api.h>

static void check(int right, const char* words) {
  if (right) return;
  fprintf(stderr, "error: %s\n", words);
  exit(1);
}

static TF_Output place(TF_Graph* graph, const char* name, int index) {
  TF_Output found = {TF_GraphOperationByName(graph, name), index};
  check(found.oper != NULL, name);
  return found;
}

int main(int count, char** given) {
  check(count == 7, "give VERSION INPUT OUTPUT INDEX ROWS COLUMNS");
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = TF_NewGraph();
  TF_SessionOptions* options = TF_NewSessionOptions();
  const char* tags[] = {"serve"};
  TF_Session* session =
      TF_LoadSessionFromSavedModel(options, NULL, given[1], tags, 1, graph, NULL, status);
  check(TF_GetCode(status) == TF_OK, TF_Message(status));

  TF_Output input = place(graph, given[2], 0);
  TF_Output output = place(graph, given[3], atoi(given[4]));
  int64_t shape[] = {atoll(given[5]), atoll(given[6])};
  size_t bytes = shape[0] * shape[1] * sizeof(float);
  TF_Tensor* rows = TF_AllocateTensor(TF_FLOAT, shape, 2, bytes);
  check(fread(TF_TensorData(rows), 1, bytes, stdin) == bytes, "standard input is too short");

  TF_Tensor* answer = NULL;
  TF_SessionRun(session, NULL, &input, &rows, 1, &output, &answer, 1, NULL, 0, NULL, status);
  check(TF_GetCode(status) == TF_OK, TF_Message(status));
  fwrite(TF_TensorData(answer), 1, TF_TensorByteSize(answer), stdout);

  TF_DeleteTensor(rows);
  TF_DeleteTensor(answer);
  TF_CloseSession(session, status);
  TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
