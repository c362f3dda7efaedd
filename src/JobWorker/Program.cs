using Inference.JobWorker;
using Inference.JobWorker.Trainers;

return args is [TrainerCommand.Verb] ? TrainerProgram.Run() : await JobWorkerServer.RunAsync(args, trainer: TrainerCommand.Own());
