// Conversations take their time and little of the processor: more of them at once than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]
