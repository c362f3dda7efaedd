using Inference.DemoModel.Corpus;

DemoCorpus corpus = new();
for (int i = 0; i < 20; i++)
{
    foreach (Message message in corpus.Conversation(1, i))
    {
        Console.WriteLine($"{message.Role}: {message.Content}");
    }

    Console.WriteLine();
}

return 0;
