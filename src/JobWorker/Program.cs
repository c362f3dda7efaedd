using Inference.JobWorker;

return await JobWorkerServer.RunAsync(args);
